/** Does one thing after the other, in the order in which they are asked for. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    // Who asked for it hears of the error; the next has its turn all the same.
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
