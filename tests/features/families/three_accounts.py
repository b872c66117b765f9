"""Three accounts of which `low` is the worst in everything and `high` the best, for what compares accounts."""

from __future__ import annotations

from datetime import date

AS_OF = date(2024, 7, 1)

COMPANY = {
    "accounts": """
        account_id | signed_up_at | segment
        low        | 2023-01-01   | shop
        middle     | 2023-01-01   | shop
        high       | 2023-01-01   | shop
    """,
    # of one renewal each, none at a higher price; low pays least a seat, with the greatest discount
    "subscriptions": """
        account_id | plan | started_at | term_months | seats | mrr | discount
        low        | a    | 2023-01-01 | 12          | 10    | 100 | 0.2
        middle     | b    | 2023-01-01 | 12          | 10    | 200 | 0.1
        high       | c    | 2023-01-01 | 12          | 10    | 300 | 0
    """,
    "plans": """
        plan | tier | family | list_price | seat_limit | quantity_limit
        a    | 1    | fa     | 10         | 10         | 100
        a2   | 2    | fa     | 30         | 90         | 900
        b    | 1    | fb     | 10         | 10         | 100
        b2   | 2    | fb     | 20         | 90         | 900
        c    | 1    | fc     | 10         | 10         | 100
        c2   | 2    | fc     | 15         | 90         | 900
    """,
    "upgrade_paths": """
        from_plan | to_plan | new_capabilities | migration_hours
        a         | a2      | 1                | 30
        b         | b2      | 2                | 20
        c         | c2      | 3                | 10
    """,
    "products": """
        product | core
        p1      | true
        p2      | false
        p3      | false
    """,
    # the last 28 days begin on 3 June, the 28 before them on 6 May
    "consumption": """
        account_id | occurred_at | user_id | product | value | quantity | status
        low        | 2024-05-10  | u1      | p1      | 1     | 1        | error
        low        | 2024-05-11  | u1      | p1      | 1     | 1        | error
        low        | 2024-06-10  | u1      | p1      | 1     | 1        | ok
        middle     | 2024-05-10  | u1      | p1      | 2     | 2        | ok
        middle     | 2024-05-11  | u1      | p1      | 2     | 2        | error
        middle     | 2024-06-15  | u1      | p1      | 2     | 2        | ok
        middle     | 2024-06-20  | u2      | p2      | 2     | 2        | ok
        high       | 2024-05-10  | u1      | p1      | 5     | 5        | ok
        high       | 2024-05-11  | u1      | p1      | 5     | 5        | ok
        high       | 2024-06-20  | u1      | p1      | 5     | 5        | ok
        high       | 2024-06-25  | u2      | p2      | 5     | 5        | ok
        high       | 2024-06-30  | u3      | p3      | 5     | 5        | ok
    """,
    "satisfaction": """
        account_id | occurred_at | instrument | score
        low        | 2024-06-01  | nps        | 0
        low        | 2024-06-02  | ces        | 1
        low        | 2024-06-03  | stars      | 1
        low        | 2024-06-04  | thumbs     | 0
        middle     | 2024-06-01  | nps        | 9
        middle     | 2024-06-02  | ces        | 4
        middle     | 2024-06-03  | stars      | 2
        middle     | 2024-06-04  | thumbs     | 0
        middle     | 2024-06-05  | thumbs     | 1
        high       | 2024-06-01  | nps        | 10
        high       | 2024-06-02  | nps        | 10
        high       | 2024-06-03  | ces        | 7
        high       | 2024-06-04  | stars      | 5
        high       | 2024-06-05  | thumbs     | 1
    """,
    # low keeps none of three promises, middle one of two, high its one
    "tickets": """
        ticket_id | account_id | opened_at        | kind     | severity | promised_by | resolved_at      | reopened
        t1        | low        | 2024-06-01 00:00 | incident | high     | 2024-06-02  | 2024-06-03 00:00 | true
        t2        | low        | 2024-06-01 00:00 | incident | high     | 2024-06-02  | 2024-06-03 00:00 | true
        t3        | low        | 2024-06-01 00:00 | incident | high     | 2024-06-02  |                  |
        t4        | middle     | 2024-06-01 00:00 | incident | high     | 2024-06-03  | 2024-06-02 00:00 | true
        t5        | middle     | 2024-06-01 00:00 | incident | high     | 2024-06-01  | 2024-06-02 00:00 | false
        t6        | high       | 2024-06-01 00:00 | incident | high     | 2024-06-02  | 2024-06-01 12:00 | false
    """,
    "interactions": """
        account_id | occurred_at | kind
        middle     | 2024-06-01  | referral
        middle     | 2024-06-01  | advocacy
        high       | 2024-06-01  | referral
        high       | 2024-06-01  | advocacy
        high       | 2024-06-02  | referral
        high       | 2024-06-02  | advocacy
    """,
    "milestones": """
        account_id | milestone | due_at     | reached_at
        low        | login     | 2023-02-01 | 2023-03-01
        low        | import    | 2023-02-01 |
        low        | team      | 2023-02-01 |
        middle     | login     | 2023-02-01 | 2023-01-10
        middle     | import    | 2023-02-01 | 2023-03-01
        middle     | team      | 2023-02-01 |
        high       | login     | 2023-02-01 | 2023-01-10
        high       | import    | 2023-02-01 | 2023-01-11
        high       | team      | 2023-02-01 | 2023-01-12
    """,
    "accessories": """
        account_id | accessory | attached_at
        low        | x         | 2023-05-01
        middle     | x         | 2023-05-01
        middle     | y         | 2023-05-01
        high       | y         | 2023-05-01
    """,
    "compatibility": """
        accessory | plan | works
        x         | a    | false
        x         | b    | false
        y         | b    | true
        y         | c    | true
        x         | a2   | false
        x         | b2   | false
        y         | b2   | true
        y         | c2   | true
    """,
}
