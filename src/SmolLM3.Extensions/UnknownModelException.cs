namespace SmolLM3.Extensions;

/// <summary>A request named a model that this client does not serve.</summary>
public sealed class UnknownModelException : InvalidOperationException
{
    internal UnknownModelException(string requested, string served)
        : base(
            $"The model '{requested}' is not served here; this client serves '{served}'. Leave ChatOptions.ModelId "
            + "null or name that one; another model needs a client of its own (AddKeyedSmolLM3).")
    {
        RequestedModelId = requested;
        ServedModelId = served;
    }

    /// <summary>What the request named.</summary>
    public string RequestedModelId { get; }

    /// <summary>What this client serves.</summary>
    public string ServedModelId { get; }
}
