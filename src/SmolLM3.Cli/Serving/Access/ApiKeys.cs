using System.Security.Cryptography;
using System.Text;

namespace SmolLM3.Cli.Serving.Access;

/// <summary>The keys that are accepted. Safe for concurrent use.</summary>
internal sealed class ApiKeys(ServerSettings settings)
{
    // Digests are of one length, so that comparing tells nothing of the length either.
    private readonly byte[][] _digests = [.. settings.ApiKeys.Select(Digest)];

    /// <summary>Whether a key is needed at all.</summary>
    public bool AreNeeded => _digests.Length > 0;

    /// <summary>Which key this is, or -1; takes the same time whichever it is, and whatever part of it is right.</summary>
    public int Find(string key)
    {
        byte[] digest = Digest(key);
        int found = -1;
        for (int i = 0; i < _digests.Length; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(digest, _digests[i]))
            {
                found = i;
            }
        }

        return found;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
