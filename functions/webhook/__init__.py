"""The sender of webhooks on Lambda: it posts the events of EventBridge to the address of the deployment."""
