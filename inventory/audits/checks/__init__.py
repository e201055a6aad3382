"""Checks that compute what no condition on one record can say."""
