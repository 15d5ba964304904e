"""Search over what is published: what is found (`documents`), what is indexed anew (`catalogue`, `shards`), Pagefind
(`program`), and the index's files in the output (`index`)."""
