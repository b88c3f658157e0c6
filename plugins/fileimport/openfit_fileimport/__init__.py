"""provisional"""
import hashlib
from openfit_sdk import hookimpl, RawItem, AuthState
from openfit_fileimport import fit

@hookimpl
def normalize(raw_item: RawItem):
    body = raw_item.read()
    yield from fit.read(body, hashlib.sha256(body).hexdigest())

@hookimpl
def inspect(raw_item: RawItem):
    return fit.inspect(raw_item.read())
