"""The front desk: what pages show of the other services, asked of their public APIs in the name of whoever looks."""
