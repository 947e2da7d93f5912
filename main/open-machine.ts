import type { Vault } from './vault/port.ts'
import { describeError } from './describe-error.ts'
import { type EnrolledMachine, enrolMachine } from './machine/enrol-machine.ts'
import { createMachine, type Machine } from './machine/machine.ts'
import type { MachineKey } from './machine/machine-key.ts'
import type { MachinePost } from './machine/machine-post.ts'
import { loadMachine, type MachineSecrets } from './machine/machine-vault.ts'
import { StartFault } from './start-files.ts'

export interface OpenMachineOptions {
  /** Address of the authority. */
  readonly authority: string
  /** For a first or another enrolment; null: there is none. */
  readonly token: string | null
  /** Called once the token is of no use any more; that it fails is no reason not to start. */
  readonly tokenUsed: () => Promise<void>
  readonly vault: Pick<Vault, 'get' | 'set'>
  readonly post: MachinePost
  /** The key to enrol with by a token; left out: a new one. */
  readonly keyFor?: (token: string) => Promise<MachineKey>
  readonly now?: () => number
}

/**
 * This workstation as a machine of its authority, enrolled now if there is a token. Rejects with a
 * `StartFault` that says what IT does next, or the vault's `VaultError`.
 */
export async function openMachine(options: OpenMachineOptions): Promise<Machine> {
  const { authority, token, tokenUsed, vault, post, keyFor, now } = options
  const clock = now ? { now } : {}
  const use = (secrets: MachineSecrets) => createMachine({ secrets, vault, post, ...clock })
  const known = await loadMachine(vault)
  // A roll-out may have written the file so that this account only reads it.
  const spent = () =>
    tokenUsed().catch((error: unknown) =>
      console.error(
        `enrolment: the token stays in its file: ${JSON.stringify(describeError(error))}`,
      ),
    )
  const here = known?.identity.authority === authority ? known : null
  if (token !== null) {
    const enrolled = await enrolMachine({
      authority,
      token,
      vault,
      post,
      ...clock,
      ...(keyFor ? { key: await keyFor(token) } : {}),
    })
    if (enrolled.ok) {
      await spent()
      return use(enrolled.secrets)
    }
    // Never sent again: it will not become good. With a key, a roll-out put the file there once more,
    // or the token could not be taken out of it.
    const over = enrolled.reason === 'refused' && overReasons.has(enrolled.detail)
    if (over) await spent()
    if (!here || (enrolled.reason === 'refused' && !over)) throw faultOfEnrolment(enrolled)
  }
  if (here) return use(here)
  if (known)
    throw new StartFault(
      'not-enrolled',
      `This machine is enrolled at ${known.identity.authority}, not at ${authority}. Enrol it there: lanyard enrol.`,
    )
  throw new StartFault(
    'not-enrolled',
    'This machine has no key yet. Issue a token (lanyard authority workstation add), then run lanyard enrol here, install with LANYARD_ENROLMENT_TOKEN, or put the token into site.json.',
  )
}

const overReasons = new Set(['token-used', 'token-expired', 'token-unknown'])

/** What the screen and the log say of an enrolment that did not come about. */
export function faultOfEnrolment(
  refused: Extract<EnrolledMachine, { readonly ok: false }>,
): StartFault {
  const { reason, detail } = refused
  switch (reason) {
    case 'refused':
      return new StartFault(
        detail === 'disabled' ? 'workstation-disabled' : 'enrolment-refused',
        `The authority did not take the token: ${detail}. Issue a new one (lanyard authority workstation token) and bring it here as before.`,
      )
    case 'clock':
      return new StartFault('clock-wrong', `The clock of this machine is ${detail}. Set it.`)
    case 'certificate':
      return new StartFault(
        'certificate-refused',
        `The authority's certificate is not believed here (${detail}). Put the hospital's root certificate into the operating system's store, or renew the certificate.`,
      )
    case 'unreachable':
      return new StartFault('authority-unreachable', `The authority does not answer (${detail}).`)
  }
}
