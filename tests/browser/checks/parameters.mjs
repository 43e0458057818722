/** The query of an address as an object. */
export function parametersOf(address) {
  return Object.fromEntries(new URL(address).searchParams);
}
