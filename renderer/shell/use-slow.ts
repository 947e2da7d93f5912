import { useEffect, useState } from 'react'

/** True once the component has been on screen for `delay` milliseconds: time to say what to do. */
export function useSlow(delay = 5000): boolean {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), delay)
    return () => clearTimeout(timer)
  }, [delay])
  return slow
}
