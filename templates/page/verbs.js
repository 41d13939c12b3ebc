// Carries out what a button says.
export function buttons() {}
