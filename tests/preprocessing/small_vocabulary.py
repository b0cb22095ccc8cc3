"""A vocabulary small enough to read, for ids written out by hand."""

TOKENS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] the play ##ing ##ed un ##want naive cafe "
    "##s , . ! — 東 京 e ##x ##e σ ##ς ##σ [ ] mask ᄒ ##ᅡ ##ᆫ"
).split()
