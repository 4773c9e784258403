"""What the study is made from, and what makes its sample; the stages' own outputs lie here too, outside git."""
