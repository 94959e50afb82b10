-- SPDX-License-Identifier: Apache-2.0
-- Departments that are not known yet, by the name that the till used last.
INSERT INTO departments (number, name)
SELECT DISTINCT ON (department_number)
    department_number,
    coalesce(nullif(department_name, ''), 'Department ' || department_number)
FROM staged_items
WHERE department_number <> ''
    AND NOT EXISTS (SELECT FROM departments WHERE number = department_number)
ORDER BY department_number, at DESC
