"""What a claim is: words of the ontology, IRIs, dates, quantities, the checked world, sentences, names and problems."""
