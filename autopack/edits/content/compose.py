def is_compose(path): return False
def compose_problem(path,text): return None
