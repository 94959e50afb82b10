# SPDX-License-Identifier: Apache-2.0
"""Extensions: installed packages that add to Poser what one retailer needs.

`[poser] extensions = poser_coop` names them. An extension has the folder shape of poser
itself, and each folder may be missing:

    poser_coop/model/*.py           tables; their names start with coop_
    poser_coop/migrations/*.py      revisions of its own branch: coop_0001, coop_0002, ...
    poser_coop/cli/commands/*.py    words behind `poser`
    poser_coop/importing/*.py       import handlers: words behind `poser import`
    poser_coop/exporting/*.py       export handlers: words behind `poser export`
    poser_coop/permissions.py       permissions; their names start with coop_
    poser_coop/emails.py            email types; their keys start with coop_
    poser_coop/web/*.py             pages, found beside Poser's own
    poser_coop/web/templates/*.pt   their templates; one that is named as ours replaces it
    poser_coop/web/static/*         style sheets and pictures, at /static/coop/
    poser_coop/web/locale/          catalogues of languages, which go before ours
    any module                      settings, in sections that start with coop

What is found, is found by listing these folders: whoever writes a table or a command writes
that and nothing else. See docs/howto/extensions.md.
"""
