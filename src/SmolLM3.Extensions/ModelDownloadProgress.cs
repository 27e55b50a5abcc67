namespace SmolLM3.Extensions;

/// <summary>How far a download is.</summary>
/// <param name="File">Repository and name of the file: <c>ggml-org/SmolLM3-3B-GGUF/SmolLM3-Q4_K_M.gguf</c>.</param>
/// <param name="Stage">What is happening.</param>
/// <param name="Bytes">Bytes that are here, those of earlier tries included; while verifying, those that were
/// compared.</param>
/// <param name="TotalBytes">Its length in bytes.</param>
public readonly record struct ModelDownloadProgress(
    string File, ModelDownloadStage Stage, long Bytes, long TotalBytes);
