namespace SmolLM3.Inference.Managed.Kernels.Panels;

/// <summary>
/// A number the compiler sees as a constant: tiles are written once for four tokens, and the branches and registers of
/// tokens that are not there vanish.
/// </summary>
internal interface ITokenCount
{
    static abstract int Value { get; }
}

/// <summary>One token.</summary>
internal readonly struct OneToken : ITokenCount
{
    public static int Value => 1;
}

/// <summary>Two tokens.</summary>
internal readonly struct TwoTokens : ITokenCount
{
    public static int Value => 2;
}

/// <summary>Three tokens.</summary>
internal readonly struct ThreeTokens : ITokenCount
{
    public static int Value => 3;
}

/// <summary>Four tokens.</summary>
internal readonly struct FourTokens : ITokenCount
{
    public static int Value => 4;
}
