"""PDF pages to problems: render, find titles, question numbers and answer rules, read statements and answers.

May come in: PDF files (text layer, scans, or both), section names, a resolution, corrections by a person, and a
checked transcription to be measured against. Knows nothing of teachers and students.

The doors, in the order in which a page passes them:
`pages.open_page`        a page as an image with glyphs (glyphs or pieces of ink) and bars
`lines.page_lines`, `linear.write`   its lines, and their linear form
`linear.join`, `recognise.reader`   how a stretch of glyphs becomes text, for a text layer and for a scan
`outline.survey`         a page's heading, question marks and answers; `outline.sections` puts a file's pages together
`questions.read_questions`   statement, confidence and crop of each question; `questions.fault` what speaks against it
`assemble.assemble`, `assemble.make_problem`   exams with their keys, and the record of a question
`corrections.read_corrections`, `score.score`   a person's decisions; figures against a transcription
"""
