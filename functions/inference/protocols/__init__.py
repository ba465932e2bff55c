"""How clients write requests to predict and read the answers, one package a protocol."""
