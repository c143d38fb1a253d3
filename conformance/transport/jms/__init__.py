"""JMS as a transport: the real API of the provider's own jar, in the one Java virtual machine of a process."""
