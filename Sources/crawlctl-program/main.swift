import crawlctl

Crawlctl.main()
