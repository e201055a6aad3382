"""The product's own rules: Sigma 2.1 in three folders, extranet, cloud and industrial, one situation to a file.

Beside `name.yml` lies the folder `name` with `fires.*`, every event of which the rule must match, and `silent.*`, the
same kind of activity done legitimately, none of which it may match. The samples are synthetic; what rules on context
take for known of their addresses stands beside them in `context.csv`.
"""
