"""The program over real HTTP, as partners, people and operators meet it."""
