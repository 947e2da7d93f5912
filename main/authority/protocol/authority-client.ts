import type { AuthorityEvent } from './events.ts'
import type { Call, Request, Response } from './procedures.ts'

/** The agent's side of the contract, whatever carries it. Rejects with an `AuthorityError`. */
export interface AuthorityClient {
  call<C extends Call>(call: C, params: Request<C>): Promise<Response<C>>
  onEvent(listener: (event: AuthorityEvent) => void): () => void
  /** `online` after a successful hello; `offline` when the socket is gone, with reconnect running. */
  onConnection(
    listener: (state: 'online' | 'offline', hello?: Response<'agent.hello'>) => void,
  ): () => void
  dispose(): Promise<void>
}
