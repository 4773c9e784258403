"""PDF pages to problems: render, find titles, question numbers and answer rules, read statements and answers.

May come in: PDF files (text layer, scans, or both), section names, a resolution, decisions of a person, a checked
transcription to be measured against, and a function that tells what a third reader sees in a question's image. Knows
nothing of teachers and students.

The doors, in the order in which a corpus passes them:
`corpus.extract`          a folder of PDFs to problems, with what each file gave; `corpus.write_crops` cuts the images
`isolated.run_jobs`       pages read in processes of their own, held to limits, each result kept under `.cache/pages`
`reading.read_page`       one page: opened (`pages`, `ink`), turned upright, read (`recognise`), read again (`second`)
`lines.page_lines`, `linear.write`   its lines, with fractions, roots and matrices, and their linear form
`outline.analyse_page`    a page's heading, columns, question labels (`labels`), lines, key (`keys`, `answer_lists`)
`filing.file_exams`       a file's pages put together: exams, their questions (`sequence`), their key
`assemble.assemble`, `assemble.make_problem`   exams with keys from any file; the record of a question
`third.merged`            a third reader's transcript, where one was asked for, held against the readings of the ink
`doubt`, `questions.fault`   how sure a reading is, and what speaks against using it
`corrections`, `additions`   a person's decisions, and the questions that a person added
`score`                   figures against a transcription
"""
