"""Audits for people: findings in words, and reports of them as tables, workbooks, pages and paper."""
