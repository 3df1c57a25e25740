"""What the end-to-end tests share: the executable as a process, clients, forgers."""
