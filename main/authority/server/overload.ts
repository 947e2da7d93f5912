/** A node has more to do than it takes on; answered with `store-busy`, and counted, not logged. */
export class Overload extends Error {
  readonly code = 'overload'
  constructor(message: string) {
    super(message)
    this.name = 'Overload'
  }
}
