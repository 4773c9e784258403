"""What truly every stage reads: records, params, files, errors, versions. An edit here runs everything again."""
