// Keeps a page up to date.
export function live() {}
