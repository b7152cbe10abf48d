"""What a person looks at: the network, its layout, the page, SVG and PNG."""
