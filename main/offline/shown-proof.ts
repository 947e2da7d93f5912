import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import type { JournalEntry } from '../authority/protocol/index.ts'
import type { Tx } from '../store/port.ts'

/** A request that answers a ceremony. */
const answerSchema = z.object({
  ceremonyId: z.string(),
  response: z.object({
    id: z.string(),
    rawId: z.string(),
    type: z.literal('public-key'),
    response: z.object({
      clientDataJSON: z.string(),
      authenticatorData: z.string(),
      signature: z.string(),
      userHandle: z.string().nullish(),
    }),
  }),
})
type Answer = z.infer<typeof answerSchema>

/** An assertion that is larger is no authenticator's; without it nothing is adopted. Bytes of JSON. */
const maxProofBytes = 3072

export interface ShownProofs {
  /** Carries out a call; what it writes goes with the assertion in its request, if there is one. */
  during<T>(params: unknown, work: () => Promise<T>): Promise<T>
  /** The assertion of the call that is under way, with the challenge that it answers. */
  current(tx: Tx): Promise<JournalEntry['proofs'][number] | null>
}

/** Keeps what proves a change together with it, so that the authority can verify it again. */
export function createShownProofs(): ShownProofs {
  const answers = new AsyncLocalStorage<Answer | null>()
  return {
    during(params, work) {
      const answer = answerSchema.safeParse(params)
      return answers.run(answer.success ? answer.data : null, work)
    },
    async current(tx) {
      const answer = answers.getStore() ?? null
      if (answer === null) return null
      const ceremony = await tx
        .selectFrom('ceremonies')
        .select('challenge')
        .where('ceremony_id', '=', answer.ceremonyId)
        .executeTakeFirst()
      if (!ceremony) return null
      const proof = { challenge: ceremony.challenge, response: answer.response }
      return Buffer.byteLength(JSON.stringify(proof)) <= maxProofBytes ? proof : null
    },
  }
}
