namespace SmolLM3.Inference.Engine;

/// <summary>How the keys and values of earlier tokens are kept.</summary>
public enum KvCacheType
{
    /// <summary>Half numbers, 2 bytes each: 73,728 bytes a token for SmolLM3-3B.</summary>
    F16,

    /// <summary>8 bits and a scale for 32 numbers: 41,472 bytes a token for SmolLM3-3B, for a small error.</summary>
    Q8_0,
}
