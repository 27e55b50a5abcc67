namespace SmolLM3.Extensions.Constraints.Masks;

/// <summary>Which tokens below a node of the tree fit in an atom, whatever follows it.</summary>
/// <param name="Inside">A bit for each token that stays within it or ends with it.</param>
/// <param name="Exits">Nodes of the tree at which the atom may end and tokens go on; that node itself among them
/// where it may be empty.</param>
internal sealed record AtomTokens(ulong[] Inside, int[] Exits);
