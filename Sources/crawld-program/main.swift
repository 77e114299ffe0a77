import crawld

runDaemon()
