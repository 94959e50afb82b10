# SPDX-License-Identifier: Apache-2.0
"""The JSON API: what pages show, for programs. Made of the same declarations as the pages.

`/api/v1/vendors` lists, finds and adds; `/api/v1/vendors/{id}` reads, changes and deletes.
Who asks shows a token (`Authorization: Bearer ...`) and may do what its user may.
"""
