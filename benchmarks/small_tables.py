"""The tables of a generated company beside consumption, one query each, over its `account` table.

As often as in the simulator's software company, measured on 2,000 accounts of it over the same 18 months:

    rows an account          simulator   here
    satisfaction                   6.3    6.0
    tickets                        6.2    6.0
    interactions                   5.6    5.5
    offers                         4.3    4.0
    milestones                     4.0    4.0
    accessories                    1.5    1.5
    subscriptions                  2.2    1.0

What happens to an account happens on days on which it is there, evenly spread.
"""

from __future__ import annotations

EVENTS = """
    with drawn as (
        select *, unnest(range((hash(i, {seed}) % {least_above_twice_the_mean})::bigint)) as number from account
    ), hashed as (
        select *, (hash(i, number, {seed}) >> 1)::bigint as h, (hash(number, i, {seed}) >> 1)::bigint as g from drawn
    ), dated as (
        select *, greatest(first, 0) + (h % greatest(least(last, {days}) - greatest(first, 0), 1))::int as day
        from hashed
    ), placed as (
        select *, timestamp '{start}' + to_days(day) + to_seconds((28800 + g % 36000)::bigint) as moment from dated
    )
    select {columns} from placed
"""
OVER = "timestamp '{start}' + to_days({days})"
RESOLVED = "moment + to_hours((1 + g // 200 % 199)::bigint)"
PLANS, ACCESSORIES = 4, 6

_PER_ACCOUNT = {
    "satisfaction": (
        13,
        """
        account_id, moment as occurred_at,
        case when g % 100 < 37 then 'csat' when g % 100 < 60 then 'nps' when g % 100 < 78 then 'ces'
            when g % 100 < 93 then 'thumbs' else 'stars' end as instrument,
        (case when g % 100 < 37 then 1 + g // 100 % 5 when g % 100 < 60 then g // 100 % 11
            when g % 100 < 78 then 1 + g // 100 % 7 when g % 100 < 93 then g // 100 % 2
            else 1 + g // 100 % 5 end)::double as score
        """,
    ),
    "tickets": (
        13,
        f"""
        'T' || i || '-' || number as ticket_id, account_id, moment as opened_at,
        ['how_to', 'how_to', 'incident', 'billing', 'complaint', 'request'][1 + g % 6] as kind,
        ['urgent', 'high', 'high', 'normal', 'normal', 'normal', 'normal', 'low', 'low', 'low'][1 + g // 6 % 10]
            as severity,
        moment + to_hours((24 + g // 60 % 160)::bigint) as promised_by,
        case when {RESOLVED} < {OVER} then {RESOLVED} end as resolved_at,
        case when {RESOLVED} < {OVER} then g // 40000 % 13 = 0 end as reopened
        """,
    ),
    "interactions": (
        12,
        """
        account_id, moment as occurred_at,
        ['email', 'email', 'email', 'email', 'call', 'call', 'meeting', 'community', 'review', 'referral', 'advocacy']
            [1 + g % 11] as kind,
        case when g // 11 % 5 < 3 then 'out' else 'in' end as direction
        """,
    ),
    "offers": (
        9,
        """
        'O' || i || '-' || number as offer_id, account_id, moment as offered_at,
        ['retention', 'upgrade', 'adoption'][1 + g % 3] as kind,
        case g % 3 when 1 then 't' || 2 + g // 3 % 3 when 2 then 'p' || lpad((g // 3 % 12)::varchar, 2, '0') end
            as target,
        case when g // 36 % 4 = 0 then 'call' else 'email' end as channel,
        case when g // 36 % 4 = 0 then 25.0 else 0.5 end as cost,
        case when g // 144 % 5 = 0 then 'random' else 'targeted' end as assigned,
        g // 720 % 10 > 0 as treated,
        case when g // 7200 % 3 = 0 and day < {days} - 14 then moment + to_days((1 + g // 21600 % 13)::int) end
            as responded_at,
        case when g // 7200 % 3 = 0 and day < {days} - 14 then g // 280800 % 5 = 0 end as accepted
        """,
    ),
    "accessories": (
        4,
        """
        account_id, 'a' || g % 6 as accessory, moment as attached_at,
        case when g // 6 % 3 > 0 and day < {days} - 200 then moment + to_days((1 + g // 18 % 199)::int) end
            as detached_at
        """,
    ),
}
"""By table the least number above twice its mean of rows an account, and its columns."""

REACHED = "timestamp '{start}' + to_days(first + 7 * number::int + (h // 9 % 9)::int)"

SMALL = {
    "accounts": """
        select account_id, timestamp '{start}' + to_days(first) as signed_up_at,
            timestamp '{start}' + to_days(first) as valid_from, 's' || i % 5 as segment
        from account
    """,
    "products": """
        select 'p' || lpad(i::varchar, 2, '0') as product, 'f' || i % 3 as family, i < 2 as core,
            timestamp '2019-01-01' + to_days((i * 90)::int) as launched_at, 1 + i // 5 as min_tier,
            ['main_street', 'tornado', 'chasm', 'early'][1 + i // 3] as market
        from range(12) as t(i)
    """,
    "plans": """
        select 't' || i as plan, i as tier, 'suite' as family, 10.0 * i as list_price,
            timestamp '2019-01-01' as released_at, 15 * i * i as seat_limit, 300.0 * i * i as quantity_limit
        from range(1, 5) as t(i)
    """,
    "subscriptions": """
        select 'S' || i as subscription_id, account_id, 't' || least(1 + users // 8, 4) as plan,
            timestamp '{start}' + to_days(first) as started_at,
            case when last < {days} then timestamp '{start}' + to_days(last) end as ended_at,
            case when last < {days} then timestamp '{start}' + to_days(last - 20) end as cancelled_at,
            timestamp '{start}' + to_days(first) + to_months(12) as renews_at,
            10.0 * users as mrr, users as seats, 12 as term_months, i % 3 > 0 as auto_renew, i % 4 * 0.05 as discount
        from account
    """,
    "milestones": f"""
        with each as (select *, unnest(range(4)) as number from account),
        hashed as (select *, hash(i, number, 17) as h from each)
        select account_id, 'm' || number as milestone,
            timestamp '{{start}}' + to_days(first + 7 * (number::int + 1)) as due_at,
            case when h % 8 > 0 and {REACHED} < {OVER} then {REACHED} end as reached_at
        from hashed
    """,
    "upgrade_paths": """
        select 't' || i as from_plan, 't' || i + 1 as to_plan, timestamp '2019-01-01' as available_at,
            (4 - i)::varchar as new_capabilities, 2.0 * i * i * i as migration_hours
        from range(1, 4) as t(i)
    """,
    "compatibility": f"""
        select 'a' || i as accessory, 't' || j as plan, (i + j) % 3 > 0 as works, timestamp '2019-01-01' as since
        from range({ACCESSORIES}) as t(i), range(1, {PLANS + 1}) as s(j)
    """,
    **{
        name: EVENTS.replace("{least_above_twice_the_mean}", str(above)).replace("{columns}", columns)
        for name, (above, columns) in _PER_ACCOUNT.items()
    },
}
"""By table its query, with the first day `start`, the number of `days` and a `seed`."""
