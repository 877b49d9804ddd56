"""Networks, the compiled step, and the regimes in which the study trains them."""
