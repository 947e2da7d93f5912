/* What any process of Node that wakes up 20 times a second takes at least. */
setInterval(() => {}, 50)
// Nobody hears the end of the parent but who listens.
process.once('disconnect', () => process.exit(0))
