using System.Runtime.CompilerServices;
using LLama.Native;
using SmolLM3.Extensions.LLamaSharp.Native;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>LoRA adapters in llama.cpp's memory, and the set its context computes with: one at a time, for a whole
/// batch.</summary>
/// <param name="model">The file of the model they change.</param>
/// <param name="context">The model and its context.</param>
/// <param name="sequences">Number of sequences.</param>
internal sealed class LlamaAdapters(GgufFile model, LlamaContext context, int sequences)
{
    private readonly Dictionary<int, LoraAdapter> _loaded = [];
    private AdapterSet _used = AdapterSet.None;

    /// <summary>Which sequence uses which.</summary>
    public SequenceAdapters Sets { get; } = new(sequences);

    /// <inheritdoc cref="IInferenceEngine.LoadAdapter"/>
    public int Load(GgufFile file)
    {
        LoraFile.Read(file, model);
        LlamaFileCheck.Adapter(file);
        using TemporaryFile path = new(file);
        LoraAdapter adapter = context.Model.LoadLoraFromFile(path.Path);
        if (PointerOf(adapter) == 0)
        {
            throw new GgufFormatException(
                $"{file.Path ?? "The stream"}: llama.cpp could not load the adapter. {NativeLog.Errors}");
        }

        int handle = Sets.Add();
        _loaded.Add(handle, adapter);
        return handle;
    }

    /// <inheritdoc cref="IInferenceEngine.UnloadAdapter"/>
    public void Unload(int adapter, Func<int, int> lengthOf)
    {
        Sets.Remove(adapter, lengthOf);

        // The context must not keep what is freed.
        Use(AdapterSet.None);
        _loaded.Remove(adapter, out LoraAdapter? unloaded);
        unloaded!.Unload();
    }

    /// <summary>Settles what the next batch is computed with.</summary>
    public void Use(AdapterSet adapters)
    {
        if (!adapters.Equals(_used))
        {
            context.Handle.SetLoraAdapters([.. adapters.Uses.Select(use => (_loaded[use.Adapter], use.Scale))]);
            _used = adapters;
        }
    }

    // LLamaSharp hands out an adapter that could not be loaded, and shows nobody.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Pointer")]
    private static extern nint PointerOf(LoraAdapter adapter);
}
