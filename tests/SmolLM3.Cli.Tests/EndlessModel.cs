using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Tests;

/// <summary>The tiny model made unable to end: the embeddings of the tokens that end a text, which are its head too, are
/// zero, so that their logits never are the largest.</summary>
internal static class EndlessModel
{
    public static string Write(TemporaryFolder folder)
    {
        string path = folder.TinyModel();
        using FileStream stream = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        GgufTensor embedding;
        int[] ends;
        using (GgufFile file = GgufFile.Open(path))
        {
            embedding = file.GetTensor("token_embd.weight");
            ends = [.. Tokenizer.FromGguf(file).EndTokens];
        }

        foreach (int token in ends)
        {
            stream.Position = embedding.Offset + (token * embedding.RowBytes);
            stream.Write(new byte[embedding.RowBytes]);
        }

        return path;
    }
}
