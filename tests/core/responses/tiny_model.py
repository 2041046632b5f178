"""A language model of two megabytes, made on the spot, that always says the same sentence.

Each of its tokens has a dimension of its own, and its output leads from each word to the next: a
chain of the first order. Tokenizer, chat template and decoding are llama.cpp's own.
"""

import sys
from pathlib import Path

import numpy as np

WORDS = (
    "## Acknowledgement",
    "\n\nCPU is near 91 °C [3].",
    "\n\n## Hypotheses",
    "\n\n- **Likely:** one loop [1].",
    "\n\n## Next steps",
    "\n\n1. Run `top` [2].",
)
SENTENCE = "".join(WORDS)
_SPECIAL = ("<unk>", "<s>", "</s>", "<|system|>", "<|user|>", "<|assistant|>")
_TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONTEXT = 4096


def write_model(path: Path, context: int = CONTEXT) -> None:
    """Write the model as GGUF (llama architecture, one block that changes nothing)."""
    import gguf

    kinds = gguf.TokenType
    tokens = [*_SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))]
    first = len(tokens)
    tokens += [word.replace(" ", "\u2581") for word in WORDS]
    types = [kinds.UNKNOWN, *[kinds.CONTROL] * 5, *[kinds.BYTE] * 256, *[kinds.NORMAL] * len(WORDS)]
    n_tokens = len(tokens)
    width = -(-n_tokens // 32) * 32
    n_heads = 4
    embedding = np.eye(n_tokens, width, dtype=np.float32)
    output = np.zeros((n_tokens, width), dtype=np.float32)
    for token in range(n_tokens):
        is_word = first <= token < n_tokens - 1
        following = token + 1 if is_word else 2 if token == n_tokens - 1 else first
        output[following, token] = 1.0
    file = gguf.GGUFWriter(str(path), "llama")
    file.add_name("tiny")
    file.add_context_length(context)
    file.add_embedding_length(width)
    file.add_block_count(1)
    file.add_feed_forward_length(32)
    file.add_head_count(n_heads)
    file.add_head_count_kv(n_heads)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(width // n_heads)
    file.add_vocab_size(n_tokens)
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    file.add_tokenizer_model("llama")
    file.add_token_list(tokens)
    file.add_token_scores([0.0] * n_tokens)
    file.add_token_types([int(kind) for kind in types])
    file.add_bos_token_id(1)
    file.add_eos_token_id(2)
    file.add_unk_token_id(0)
    file.add_add_bos_token(True)
    file.add_add_space_prefix(False)
    file.add_chat_template(_TEMPLATE)
    file.add_tensor("token_embd.weight", embedding)
    file.add_tensor("output.weight", output)
    file.add_tensor("output_norm.weight", np.full(width, 20.0, dtype=np.float32))
    for name in ("attn_norm", "ffn_norm"):
        file.add_tensor(f"blk.0.{name}.weight", np.ones(width, dtype=np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        file.add_tensor(f"blk.0.{name}.weight", np.zeros((width, width), dtype=np.float32))
    file.add_tensor("blk.0.ffn_gate.weight", np.zeros((32, width), dtype=np.float32))
    file.add_tensor("blk.0.ffn_up.weight", np.zeros((32, width), dtype=np.float32))
    file.add_tensor("blk.0.ffn_down.weight", np.zeros((width, 32), dtype=np.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


def serve(path: Path, port: int, key: str, prefix: str, context: int = CONTEXT) -> None:
    """Serve the model with llama.cpp's own server on loopback until the process is ended."""
    import signal
    import threading

    import xllamacpp

    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    given = xllamacpp.CommonParams()
    given.model.path = str(path)
    given.hostnames, given.port = ["127.0.0.1"], port
    given.api_keys, given.api_prefix = [key], prefix
    given.n_ctx, given.n_parallel, given.n_gpu_layers = context, 1, 0
    given.cpuparams.n_threads = given.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(given)
    over.wait()
    del server


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], *map(int, sys.argv[5:]))
