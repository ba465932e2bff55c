"""Services as tutorials write them and as model servers serve them, and their comparison: python -m benchmarks.peers"""
