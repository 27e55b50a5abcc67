using System.Buffers.Binary;
using System.Text;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.TinyModelTests;

/// <summary>The tiny model's file made like that of SmolLM3-3B-Base: no chat template, and texts end with
/// <c>&lt;|end_of_text|&gt;</c>.</summary>
internal static class BaseModel
{
    /// <summary>The file, with the whole vocabulary.</summary>
    /// <param name="end">The token that ends a text; null: <c>&lt;|end_of_text|&gt;</c>.</param>
    public static byte[] Create(int? end = null)
    {
        byte[] file = Tiny();
        Replace(file, "tokenizer.chat_template", "tokenizer.chat_templats");
        byte[] key = Encoding.UTF8.GetBytes("tokenizer.ggml.eos_token_id");

        // Behind the key stand the value's type, four bytes, and the value.
        int at = file.AsSpan().IndexOf(key) + key.Length + sizeof(uint);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), end ?? EndOfText());
        return file;
    }

    /// <summary>The same without the tokens of turns.</summary>
    public static byte[] CreateWithoutTurns()
    {
        byte[] file = Create();
        Replace(file, "<|im_start|>", "<|reserved0>");
        return file;
    }

    private static int EndOfText()
    {
        using Stream stream = SmolLM3.TinyModel.TinyModel.OpenRead();
        using GgufFile file = GgufFile.Load(stream);
        return Tokenizer.FromGguf(file).TryGetAddedToken("<|end_of_text|>", out int id)
            ? id
            : throw new InvalidDataException("The tiny model has no <|end_of_text|>.");
    }

    private static byte[] Tiny()
    {
        using Stream stream = SmolLM3.TinyModel.TinyModel.OpenRead();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static void Replace(byte[] file, string from, string to)
    {
        byte[] found = Encoding.UTF8.GetBytes(from);
        byte[] put = Encoding.UTF8.GetBytes(to);
        for (int at = file.AsSpan().IndexOf(found); at >= 0; at = file.AsSpan().IndexOf(found))
        {
            put.CopyTo(file, at);
        }
    }
}
