import type { Page } from '@playwright/test'

/** What a person looks for on the shell, in English. Each waits until it is there. */

export const locked = (shell: Page) =>
  shell.getByRole('heading', { name: 'Tap your badge' }).waitFor()

export const lockedBy = (shell: Page, label: string) =>
  shell.getByRole('heading', { name: `Locked by ${label}` }).waitFor({ timeout: 20_000 })

export const workspaceOf = (shell: Page, name: string) =>
  shell
    .locator('.workspace')
    .getByRole('heading', { name: `Signed in ${name}` })
    .waitFor()

/** `Verified 07:02 · AAL2 · tap until 09:02` */
export const assurance = (shell: Page): Promise<string> =>
  shell
    .locator('.workspace')
    .getByText(/Verified \d\d:\d\d/)
    .innerText()

export async function menu(shell: Page, item: string): Promise<void> {
  await shell.getByRole('button', { name: 'Menu' }).click()
  await shell.getByRole('menuitem', { name: item }).click()
}

export const signOut = (shell: Page): Promise<void> => menu(shell, 'Sign out')
