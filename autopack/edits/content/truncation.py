def truncation_problem(path,text): return None
