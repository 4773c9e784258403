"""A page on which a person looks at what was read, and decides: `server.make_server` is the door.

May come in: the corpus's problems, crops, page images and decisions, and requests of a browser on this machine.
`desk` says what is shown and takes decisions; `server` keeps everybody else out; `page.html`, `page.css` and the
scripts are what the browser runs. Knows nothing of teachers and students.
"""
