"""The packages of an image as a software bill of materials (SBOM): CycloneDX 1.6 and SPDX 2.3, both as JSON.

`bill` collects what both formats say, `licenses` decides which stated licenses are expressions of SPDX.
"""
