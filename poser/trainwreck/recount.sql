-- SPDX-License-Identifier: Apache-2.0
-- What the roll-ups of sales should be, counted anew from the POS transactions themselves:
-- whether one counts is read from its own words, not from what its parts say.

-- name: sales_hours
SELECT t.business_date, t.store_number, date_trunc('hour', t.ended_at, 'UTC') AS hour,
    count(*) AS transaction_count, sum(t.line_count) AS line_count,
    sum(t.subtotal - t.discount_total) AS gross, sum(t.discount_total) AS discount,
    sum(t.subtotal) AS net, sum(t.tax_total) AS tax, sum(t.total) AS total
FROM pos_transactions t
WHERE t.kind = 'sale' AND NOT (t.is_void OR t.is_suspended OR t.is_training)
GROUP BY 1, 2, 3

-- name: sales_departments
SELECT business_date, store_number, department_number, sum(line_count) AS line_count,
    sum(quantity) AS quantity, sum(weight) AS weight, sum(gross) AS gross,
    sum(discount) AS discount, sum(net) AS net
FROM (
    SELECT t.business_date, t.store_number, l.department_number, 1 AS line_count,
        CASE WHEN l.is_weighed THEN 0 ELSE l.quantity END AS quantity,
        CASE WHEN l.is_weighed THEN l.quantity ELSE 0 END AS weight,
        l.extended + l.discount AS gross, - l.discount AS discount, l.extended AS net
    FROM pos_lines l
    JOIN pos_transactions t ON t.id = l.transaction_id AND t.business_date = l.business_date
    WHERE t.kind = 'sale' AND NOT (t.is_void OR t.is_suspended OR t.is_training)
        AND (l.extended <= 0 OR NOT l.is_void)
    UNION ALL
    SELECT t.business_date, t.store_number, d.department_number, 0, 0, 0, 0, d.amount, d.amount
    FROM pos_discounts d
    JOIN pos_transactions t ON t.id = d.transaction_id AND t.business_date = d.business_date
    WHERE t.kind = 'sale' AND NOT (t.is_void OR t.is_suspended OR t.is_training)
) AS counted
GROUP BY 1, 2, 3

-- name: sales_tenders
SELECT t.business_date, t.store_number, p.tender_type,
    count(*) FILTER (WHERE p.kind = 'tender') AS tender_count, sum(p.amount) AS amount
FROM pos_tenders p
JOIN pos_transactions t ON t.id = p.transaction_id AND t.business_date = p.business_date
WHERE t.kind = 'sale' AND NOT (t.is_void OR t.is_suspended OR t.is_training)
GROUP BY 1, 2, 3
