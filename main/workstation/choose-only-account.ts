/** A key with one account for us signs in; one with several asks for a badge instead of a guess. */
export const chooseOnlyAccount = (session: Pick<Electron.Session, 'on'>): void => {
  session.on('select-webauthn-account', (event, { accounts }, choose) => {
    event.preventDefault()
    const [only, ...others] = accounts
    choose(others.length === 0 ? (only?.credentialId ?? null) : null)
  })
}
