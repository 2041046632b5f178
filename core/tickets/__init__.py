"""Tickets: candidate models, training with honest scores, prediction with reasons, review.

`train.train` writes a version, `predict.load_model` reads one, `report` holds what is said about
it. Nothing is imported here, so that naming the area loads neither scikit-learn nor xgboost.
"""
