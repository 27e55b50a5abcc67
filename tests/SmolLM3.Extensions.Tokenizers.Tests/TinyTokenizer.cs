using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;
using SmolLM3.TinyModel;

namespace SmolLM3.Extensions.Tokenizers.Tests;

/// <summary>The tiny model's tokenizer, both ways.</summary>
public sealed class TinyTokenizer : IDisposable
{
    public TinyTokenizer()
    {
        Client = new SmolLM3ChatClient(new SmolLM3Options().UseTinyModel());
        Words = Client.GetRequiredService<ISmolLM3Tokenizer>();
        Adapter = Words.AsMLTokenizer();
    }

    public SmolLM3ChatClient Client { get; }

    public ISmolLM3Tokenizer Words { get; }

    public Tokenizer Adapter { get; }

    public void Dispose() => Client.Dispose();
}
